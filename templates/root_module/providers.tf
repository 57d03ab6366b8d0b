provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ environment = var.environment, managed-by = "terraform" }, var.tags)
  }
}
