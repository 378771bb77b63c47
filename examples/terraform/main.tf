terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

# 1. The function, once for each account and Chime region. CloudFormation reads its zip from S3.

locals {
  zip = "chime-messaging-resources-${var.architecture}.zip"
}

resource "aws_s3_object" "function" {
  bucket = var.bucket
  # A new release has a new key: otherwise CloudFormation would see no change in the template.
  key         = "chime-messaging-resources/${filesha256("${var.release}/${local.zip}")}.zip"
  source      = "${var.release}/${local.zip}"
  source_hash = filebase64sha256("${var.release}/${local.zip}")
}

resource "aws_cloudformation_stack" "function" {
  name = "chime-messaging-resources"
  template_body = replace(
    file("${var.release}/template-${var.architecture}.yaml"),
    "CodeUri: ${local.zip}",
    "CodeUri: s3://${aws_s3_object.function.bucket}/${aws_s3_object.function.key}",
  )
  # The template has a role, and is one of AWS SAM.
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
}

# 2. What is in Chime.

resource "aws_cloudformation_stack" "chat" {
  name          = "chat"
  template_body = file("${path.module}/chat.yaml")
  parameters = {
    Name = var.name
  }

  # The stack imports the function's ARN, so it is created after the function and deleted before it.
  depends_on = [aws_cloudformation_stack.function]
}
