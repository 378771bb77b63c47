import { CfnOutput, Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { TEMPLATE } from './generated/template';
import { statementsOf, wildcardsOf } from './policies';
import { EXPORT_NAME, serve } from './service-token';

/** The props of `ChimeMessagingProvider`. */
export interface ChimeMessagingProviderProps {
  /** The path of the function's zip, which holds the executable `bootstrap`. */
  readonly zip: string;

  /**
   * Whether it is the account's own function in this region, which resources in other apps use as well: its name is then
   * `chime-messaging-resources`, and the export `chime-messaging-resources-ServiceToken`, as of the stack of template.yaml.
   *
   * @default false
   */
  readonly shared?: boolean;

  /**
   * What the function is built for.
   *
   * @default lambda.Architecture.X86_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * The region of the Chime calls: us-east-1 or eu-central-1, the only ones that have Chime's messaging control plane.
   *
   * @default - that of the stack
   */
  readonly chimeRegion?: string;

  /**
   * The hosts that other engines than CloudFormation let answers go to, exactly as in their ResponseURLs.
   *
   * @default - none: answers go to CloudFormation
   */
  readonly responseBuckets?: string[];

  /**
   * For how long the function's log is kept.
   *
   * @default logs.RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;
}

/**
 * The function that the resources are made by, as template.yaml deploys it: for those who want no second stack.
 *
 * CloudFormation does not let a custom resource change its ServiceToken. The construct therefore has to stay where it is, under its id,
 * for as long as it serves resources.
 */
export class ChimeMessagingProvider extends Construct {
  /** What the stack of template.yaml, and a shared provider, export the function's ARN as. */
  public static readonly EXPORT_NAME: string = EXPORT_NAME;

  /** The function. */
  public readonly handler: lambda.Function;

  /** The log of the function, one line for each event. */
  public readonly logGroup: logs.LogGroup;

  /** Goes off when an answer did not reach CloudFormation: a stack is waiting. It has no action yet. */
  public readonly undeliveredAnswers: cloudwatch.Alarm;

  /** Goes off when Lambda gave an event up: a stack is waiting. It has no action yet. */
  public readonly droppedEvents: cloudwatch.Alarm;

  /** Goes off when Lambda has no room for the function. It has no action yet. */
  public readonly throttledEvents: cloudwatch.Alarm;

  /** The ServiceToken of the resources. */
  public readonly serviceToken: string;

  constructor(scope: Construct, id: string, props: ChimeMessagingProviderProps) {
    super(scope, id);
    const { Function, LogGroup } = TEMPLATE.Resources;
    const { ChimeRegion, LogRetentionInDays } = TEMPLATE.Parameters;
    const chimeRegion = props.chimeRegion ?? ChimeRegion.Default;
    const choice = ChimeRegion.AllowedValues.filter(Boolean).join(' or ');
    if (!Token.isUnresolved(chimeRegion) && !ChimeRegion.AllowedValues.includes(chimeRegion)) {
      throw new Error(`chimeRegion must be ${choice}, not "${chimeRegion}"`);
    }
    const { region } = Stack.of(this);
    if (!chimeRegion && !Token.isUnresolved(region) && !ChimeRegion.AllowedValues.includes(region)) {
      throw new Error(
        `${this.node.path} is in ${region}, where there is no messaging control plane of Chime: state chimeRegion, which must be ${choice}`,
      );
    }

    this.logGroup = new logs.LogGroup(this, 'LogGroup', {
      logGroupName: props.shared ? LogGroup.Properties.LogGroupName : undefined,
      retention: props.logRetention ?? LogRetentionInDays.Default,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const its = Function.Properties;
    this.handler = new lambda.Function(this, 'Function', {
      functionName: props.shared ? its.FunctionName : undefined,
      description: its.Description,
      code: lambda.Code.fromAsset(props.zip),
      handler: its.Handler,
      runtime: new lambda.Runtime(its.Runtime),
      architecture: props.architecture ?? lambda.Architecture.X86_64,
      memorySize: its.MemorySize,
      timeout: Duration.seconds(its.Timeout),
      role: this.role(chimeRegion || region),
      retryAttempts: its.EventInvokeConfig.MaximumRetryAttempts,
      maxEventAge: Duration.seconds(its.EventInvokeConfig.MaximumEventAgeInSeconds),
      logGroup: this.logGroup,
      loggingFormat: its.LoggingConfig.LogFormat as lambda.LoggingFormat,
      applicationLogLevelV2: its.LoggingConfig.ApplicationLogLevel as lambda.ApplicationLogLevel,
      systemLogLevelV2: its.LoggingConfig.SystemLogLevel as lambda.SystemLogLevel,
      environment: {
        ...its.Environment.Variables,
        CHIME_REGION: chimeRegion,
        RESPONSE_URL_HOSTS: (props.responseBuckets ?? []).join(','),
      },
    });

    this.undeliveredAnswers = this.alarm('UndeliveredAnswers');
    this.droppedEvents = this.alarm('DroppedEvents');
    this.throttledEvents = this.alarm('ThrottledEvents');
    this.metricFilter('Answers');
    this.metricFilter('ThrottledCalls');

    this.serviceToken = this.handler.functionArn;
    if (props.shared) {
      const { Description } = TEMPLATE.Outputs.ServiceToken;
      new CfnOutput(this, 'ServiceToken', { description: Description, value: this.serviceToken, exportName: EXPORT_NAME });
    }
  }

  /**
   * Makes it the function of all resources in the scope that state no `serviceToken`: of a stack, or of a whole app, whose other stacks
   * then import the function's ARN.
   */
  public serve(scope: IConstruct): void {
    serve(scope, this.serviceToken);
  }

  private alarm(id: 'UndeliveredAnswers' | 'DroppedEvents' | 'ThrottledEvents'): cloudwatch.Alarm {
    const its = TEMPLATE.Resources[id].Properties;
    return new cloudwatch.Alarm(this, id, {
      alarmDescription: its.AlarmDescription,
      metric: this.handler.metric(its.MetricName, { statistic: its.Statistic, period: Duration.seconds(its.Period) }),
      evaluationPeriods: its.EvaluationPeriods,
      threshold: its.Threshold,
      comparisonOperator: its.ComparisonOperator as cloudwatch.ComparisonOperator,
      treatMissingData: its.TreatMissingData as cloudwatch.TreatMissingData,
    });
  }

  private metricFilter(id: 'Answers' | 'ThrottledCalls'): void {
    const { FilterPattern, MetricTransformations } = TEMPLATE.Resources[id].Properties;
    new logs.CfnMetricFilter(this, id, {
      logGroupName: this.logGroup.logGroupName,
      filterPattern: FilterPattern,
      metricTransformations: MetricTransformations.map((it) => ({
        metricNamespace: it.MetricNamespace,
        metricName: it.MetricName,
        metricValue: it.MetricValue,
        unit: it.Unit,
        dimensions: it.Dimensions.map(({ Key, Value }) => ({ key: Key, value: Value })),
      })),
    });
  }

  private role(chimeRegion: string): iam.Role {
    const { Policies } = TEMPLATE.Resources.Role.Properties;
    const document = (name: string) => iam.PolicyDocument.fromJson({ Statement: statementsOf(name, chimeRegion, this.logGroup.logGroupArn) });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: Object.fromEntries(Policies.map(({ PolicyName }) => [PolicyName, document(PolicyName)])),
    });
    const logGroupId = Stack.of(this).getLogicalId(this.logGroup.node.defaultChild as logs.CfnLogGroup);
    const wildcards = Policies.flatMap(({ PolicyName }) => wildcardsOf(PolicyName, chimeRegion, logGroupId));
    // Older versions of aws-cdk-lib have no such acknowledgements, and neither have the versions of cdk-nag for them.
    (Validations as typeof Validations | undefined)?.of(role).acknowledge(...wildcards);
    return role;
  }
}
