export * from './app-instance';
export * from './app-instance-admin';
export * from './app-instance-bot';
export * from './app-instance-user';
export * from './channel-flow';
export * from './channel-flow-processor';
export * from './channel';
export { AdoptableResourceProps, ChimeResourceProps, TaggedChimeResourceProps } from './chime-resource';
export * from './generated';
export * from './live-stacks';
export { IMessagingMember } from './member';
export * from './provider';
export {
  AppInstanceDataType,
  AppInstanceStreamingConfigurations,
  MessagingDataType,
  StreamingConfig,
  StreamingConfigurationProps,
} from './streaming';
