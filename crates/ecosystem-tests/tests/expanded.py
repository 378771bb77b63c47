"""Prints template.yaml as CloudFormation gets it from SAM's transform."""

import json
import sys

from cfnlint.decode import cfn_yaml
from samtranslator.translator.transform import transform


class Policies:
    """The template names no managed policy."""

    def load(self):
        return {}


template = cfn_yaml.load(sys.argv[1])
# The transform takes what has been packaged.
template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"
json.dump(transform(template, {}, Policies()), sys.stdout)
