output "app_instance_arn" {
  description = "The ARN of the app instance."
  value       = aws_cloudformation_stack.chat.outputs["AppInstanceArn"]
}

output "supervisor_arn" {
  description = "The ARN of the user who is an admin, for the back end's calls."
  value       = aws_cloudformation_stack.chat.outputs["SupervisorArn"]
}

output "lobby_arn" {
  description = "The ARN of the channel."
  value       = aws_cloudformation_stack.chat.outputs["LobbyArn"]
}
