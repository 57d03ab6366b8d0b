"""The lake on AWS.

`terraform` provisions it, `upload` fills it, `workflow` runs it, `catalog` and `jobs` say how it is, `verify` asks
Athena whether it is as promised; all through `aws`, the one place that makes clients. `emulator` is an AWS on this
machine, and `emulate` a whole deployment to it.
"""
