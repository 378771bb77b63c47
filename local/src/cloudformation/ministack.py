"""Runs MiniStack until standard input ends, and with it every process of a Lambda function.

Standard input is a pipe that the parent holds: however the parent ends, nothing of this outlives it.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_the_parent():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_the_parent, daemon=True).start()
runpy.run_module("ministack", run_name="__main__")
