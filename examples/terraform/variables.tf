variable "region" {
  type        = string
  description = "A region with Chime's messaging control plane."
  default     = "us-east-1"

  validation {
    condition     = contains(["us-east-1", "eu-central-1"], var.region)
    error_message = "Chime's messaging control plane exists only in us-east-1 and eu-central-1."
  }
}

variable "bucket" {
  type        = string
  description = "The name of a bucket of yours in the region. It gets the function's zip."
}

variable "release" {
  type        = string
  description = "The folder with the files of a release."
  default     = "dist"
}

variable "architecture" {
  type        = string
  description = "What the function runs on: x86_64 or arm64."
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture is x86_64 or arm64."
  }
}

variable "name" {
  type        = string
  description = "The name of the app instance."
  default     = "Chat"
}
