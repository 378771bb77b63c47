"""The rules under the tools that people have: cfn-lint by its .cfnlintrc, and the SAM CLI."""

import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
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
      ServiceToken: !ImportValue chime-messaging-resources-ServiceToken
      ServiceTimeout: 60
      NAME: Chat
""".lstrip()
PROBLEM = "Nmae is not a property, did you mean Name?"


class Tools(unittest.TestCase):
    def test_cfn_lint_with_the_folder(self):
        self.check(["cfn-lint", "template.yaml"], RULES)

    def test_what_pip_installs_works_anywhere_and_leaves_the_project_as_it_is(self):
        project = PROJECT / "cfn-lint"
        before = sorted(project.rglob("*"))
        with tempfile.TemporaryDirectory() as folder:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
            subprocess.run([*pip, "--target", folder, str(project)], check=True)
            self.assertEqual(sorted(project.rglob("*")), before)
            self.check(["cfn-lint", "template.yaml"], "cfn_lint_chime_messaging.rules", PYTHONPATH=folder)
            # Where cfn-lint is installed somewhere else.
            variables = {**os.environ, "PYTHONPATH": folder}
            command = [f"{folder}/bin/cfn-lint-chime-messaging"]
            printed = subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout.strip()
            self.check(["cfn-lint", "template.yaml"], printed)

    def test_the_wheel_and_the_source_distribution_hold_all(self):
        with tempfile.TemporaryDirectory() as folder:
            build = "import sys; from flit_core import buildapi; print(buildapi.build_wheel(sys.argv[1]), buildapi.build_sdist(sys.argv[1]))"
            run = [sys.executable, "-B", "-c", build, folder]
            names = subprocess.run(run, cwd=PROJECT / "cfn-lint", check=True, capture_output=True, text=True).stdout
            wheel, sdist = (Path(folder, name) for name in names.split())
            held = zipfile.ZipFile(wheel).namelist()
            sources = tarfile.open(sdist).getnames()
        root = PROJECT / "cfn-lint"
        files = [str(path.relative_to(root)) for path in root.rglob("*.py")]
        files += [str(path.relative_to(root)) for path in root.rglob("*.json")]
        self.assertGreater(len(files), 20)
        for file in files:
            self.assertIn(file, [name.split("/", 1)[1] for name in sources if "/" in name])
            if file.startswith("src/"):
                self.assertIn(file.removeprefix("src/"), held)
        self.assertTrue(any(name.endswith("licenses/LICENSE") for name in held), held)

    def test_cfn_lint_with_a_template_on_standard_input(self):
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
