"""cfn-lint rules for the custom resources of Amazon Chime SDK messaging."""
