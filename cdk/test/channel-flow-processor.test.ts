import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CfnChannelFlow } from 'aws-cdk-lib/aws-chime';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import * as chime from 'chime-messaging-resources';

function handlerIn(stack: Stack): Function {
  return new Function(stack, 'Filter', { runtime: Runtime.PYTHON_3_13, handler: 'index.handler', code: Code.fromInline('pass') });
}

function processors(handler: Function) {
  return [
    {
      name: 'Filter',
      executionOrder: 1,
      fallbackAction: chime.FallbackAction.ABORT,
      configuration: { lambda: { resourceArn: handler.functionArn, invocationType: chime.InvocationType.ASYNC } },
    },
  ];
}

/** What the only resource of the type waits for. */
function dependencies(template: Template, type: string): string[] {
  return Object.values(template.findResources(type))[0].DependsOn ?? [];
}

test('one call lets Chime and the function reach each other, and the flow waits for both', () => {
  const stack = new Stack();
  const { appInstanceArn } = new chime.MessagingAppInstance(stack, 'Instance');
  const handler = handlerIn(stack);
  const flow = new chime.ChannelFlow(stack, 'Flow', { appInstanceArn, processors: processors(handler) });
  flow.grantProcessor(handler);
  const template = Template.fromStack(stack);
  const function_ = stack.resolve(handler.functionArn);
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: function_,
    Principal: 'messaging.chime.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
    SourceArn: {
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, ':chime:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':app-instance/*'],
      ],
    },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'chime:ChannelFlowCallback',
          Resource: { 'Fn::Join': ['', [stack.resolve(appInstanceArn), '/*']] },
        },
      ],
    },
  });
  const wanted = ['AWS::Lambda::Permission', 'AWS::IAM::Policy'].flatMap((type) => Object.keys(template.findResources(type)));
  expect(dependencies(template, 'Custom::ChimeChannelFlow').sort()).toEqual(wanted.sort());
});

test("a flow of AWS's own types waits as well, and a function of two flows has one permission", () => {
  const stack = new Stack();
  const { appInstanceArn } = new chime.ChimeAppInstance(stack, 'Instance');
  const handler = handlerIn(stack);
  const flow = new CfnChannelFlow(stack, 'Flow', { appInstanceArn, name: 'Filter', processors: processors(handler) });
  chime.ChannelFlowProcessor.grant(handler, appInstanceArn, flow);
  chime.ChannelFlowProcessor.grant(handler, 'arn:aws:chime:us-east-1:123456789012:app-instance/other');
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Permission', 1);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Resource: 'arn:aws:chime:us-east-1:123456789012:app-instance/other/*' })]),
    },
  });
  expect(dependencies(template, 'AWS::Chime::ChannelFlow')).toHaveLength(2);
});

test('a function that is not of the app gets no permission', () => {
  const stack = new Stack(new App(), 'Stack');
  const handler = Function.fromFunctionArn(stack, 'Filter', 'arn:aws:lambda:us-east-1:123456789012:function:filter');
  const flow = new chime.ChimeChannelFlow(stack, 'Flow', {
    appInstanceArn: 'arn:aws:chime:us-east-1:123456789012:app-instance/one',
    processors: [
      {
        name: 'Filter',
        executionOrder: 1,
        fallbackAction: chime.ChimeChannelFlowProcessorFallbackAction.ABORT,
        configuration: { lambda: { resourceArn: handler.functionArn } },
      },
    ],
  });
  chime.ChannelFlowProcessor.grant(handler, 'arn:aws:chime:us-east-1:123456789012:app-instance/one', flow);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Permission', 0);
  expect(dependencies(template, 'Custom::ChimeChannelFlow')).toEqual([]);
});

test('a function of another app whose role is not known is warned about', () => {
  const stack = new Stack(new App(), 'Importing');
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:filter';
  chime.ChannelFlowProcessor.grant(Function.fromFunctionArn(stack, 'Imported', arn), 'arn');
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('not of this app'));
  const own = new Stack(new App(), 'Own');
  chime.ChannelFlowProcessor.grant(handlerIn(own), 'arn');
  Annotations.fromStack(own).hasNoWarning('*', Match.anyValue());
});
