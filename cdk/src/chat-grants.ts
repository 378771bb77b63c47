import * as iam from 'aws-cdk-lib/aws-iam';

/** What every chat needs: the websocket, and the messages of the channels that the user is a member of. */
const READ = [
  'chime:Connect',
  'chime:ListChannelMessages',
  'chime:GetChannelMessageStatus',
  'chime:ListChannelMemberships',
  'chime:ListChannelMembershipsForAppInstanceUser',
];

const SEND = ['chime:SendChannelMessage'];

/** What an admin or a moderator does to channels. Chime refuses it to others, whatever a policy says. */
const MANAGE = [
  'chime:AssociateChannelFlow',
  'chime:BatchCreateChannelMembership',
  'chime:CreateChannel',
  'chime:CreateChannelBan',
  'chime:CreateChannelMembership',
  'chime:CreateChannelModerator',
  'chime:DeleteChannel',
  'chime:DeleteChannelBan',
  'chime:DeleteChannelMembership',
  'chime:DeleteChannelModerator',
  'chime:DescribeChannel',
  'chime:DescribeChannelBan',
  'chime:DescribeChannelMembership',
  'chime:DescribeChannelModerator',
  'chime:DisassociateChannelFlow',
  'chime:ListChannelBans',
  'chime:ListChannelMemberships',
  'chime:ListChannelModerators',
  'chime:ListChannels',
  'chime:RedactChannelMessage',
  'chime:UpdateChannel',
];

/** Lets a role read and send the messages of the user's channels. */
export function grantChat(grantee: iam.IGrantable, userArn: string, channelArn: string): iam.Grant {
  return grantSession(grantee, [READ[0], ...SEND, ...READ.slice(1)], userArn, channelArn);
}

/** Lets a role read the messages of the user's channels. */
export function grantRead(grantee: iam.IGrantable, userArn: string, channelArn: string): iam.Grant {
  return grantSession(grantee, READ, userArn, channelArn);
}

/** Lets a role manage channels as the user or bot. */
export function grantManageChannels(grantee: iam.IGrantable, memberArn: string, appInstanceArn: string): iam.Grant {
  const resourceArns = [memberArn, `${appInstanceArn}/channel/*`, `${appInstanceArn}/channel-flow/*`];
  return iam.Grant.addToPrincipal({ grantee, actions: MANAGE, resourceArns });
}

/** IAM asks about both ARNs in each call about a channel: that of the user who acts, and that of the channel. */
function grantSession(grantee: iam.IGrantable, actions: string[], userArn: string, channelArn: string): iam.Grant {
  // It knows no resource: under an ARN it is denied.
  const endpoint = iam.Grant.addToPrincipal({ grantee, actions: ['chime:GetMessagingSessionEndpoint'], resourceArns: ['*'] });
  return endpoint.combine(iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [userArn, channelArn] }));
}
