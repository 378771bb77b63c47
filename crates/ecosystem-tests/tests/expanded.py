"""Prints template.yaml after SAM's transform, as CloudFormation reads it."""

import json
import sys

from cfnlint.decode import cfn_yaml
from samtranslator.translator.transform import transform


class Policies:
    """The template uses no managed policies."""

    def load(self):
        return {}


template = cfn_yaml.load(sys.argv[1])
# The transform requires a packaged template.
template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"
json.dump(transform(template, {}, Policies()), sys.stdout)
