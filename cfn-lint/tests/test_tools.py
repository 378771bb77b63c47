"""The rules under the tools that people have: cfn-lint by its .cfnlintrc, and the SAM CLI."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from linter import PROJECT, RULES

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: index.handler, InlineCode: "def handler(event, context): pass"}
  AppInstance:
    Type: Custom::ChimeAppInstance
    Properties:
      ServiceToken: !GetAtt Function.Arn
      ServiceTimeout: 60
      NAME: Chat
""".lstrip()
PROBLEM = "Nmae is not a property, did you mean Name?"


class Tools(unittest.TestCase):
    def test_cfn_lint_with_the_folder(self):
        self.check(["cfn-lint", "template.yaml"], RULES)

    def test_cfn_lint_with_the_package(self):
        self.check(["cfn-lint", "template.yaml"], "cfn_lint_chime_messaging.rules", PYTHONPATH=PROJECT / "cfn-lint/src")

    def test_cfn_lint_with_what_an_editor_sends(self):
        """An editor pipes what is not saved yet, and reads JSON."""
        self.check(["cfn-lint", "--format", "json"], RULES)

    def test_sam_validate(self):
        self.check(["sam", "validate", "--lint", "--region", "us-east-1"], RULES)

    def check(self, command, rules, **variables):
        """Runs a command on a right template, which it has to pass, and on a wrong one, of which it has to say why."""
        tools = Path(sys.executable).parent
        program = [str(tools / command[0]), *command[1:]]
        path = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
        variables = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", **{k: str(v) for k, v in variables.items()}}
        for name, problem in [("Name", None), ("Nmae", PROBLEM)]:
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, ".cfnlintrc").write_text(f"append_rules:\n  - {rules}\n", encoding="utf-8")
                template = TEMPLATE.replace("NAME", name)
                Path(folder, "template.yaml").write_text(template, encoding="utf-8")
                run = subprocess.run(program, cwd=folder, env=variables, input=template, capture_output=True, text=True)
                said = run.stdout + run.stderr
                self.assertEqual(run.returncode == 0, problem is None, said)
                self.assertIn(problem or "", said)


if __name__ == "__main__":
    unittest.main()
