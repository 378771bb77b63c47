"""An extension of MiniStack that gives every function the addresses of this machine: of Chime, of MiniStack, and of CloudFormation's answers.

What a template states itself stays. A function may be ours, that of the older library, or the user's own, in any template and stack.

A line before this file sets CHIME_URLS: the addresses of the Chime APIs, by region.
"""

GATEWAY = f"127.0.0.1:{os.environ['GATEWAY_PORT']}"


def with_addresses(acquire):
    """Wraps the acquisition of an execution environment so that it is started with the addresses."""

    def acquired(name, config, *rest, **named):
        environment = config.get("Environment") or {}
        variables = addressed(environment.get("Variables") or {}, config.get("FunctionArn", ""))
        return acquire(name, {**config, "Environment": {**environment, "Variables": variables}}, *rest, **named)

    return acquired


def addressed(stated, arn):
    """The variables of a function, with the addresses that it does not state. An empty variable counts as none."""
    variables = dict(stated)
    if not variables.get("AWS_ENDPOINT_URL"):
        region = variables.get("CHIME_REGION") or (arn.split(":") + [""] * 4)[3]
        addresses = {"AWS_ENDPOINT_URL_SSM": f"http://{GATEWAY}"}
        # In a region without Chime, our function has to say so.
        if region in CHIME_URLS:
            addresses["AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY"] = CHIME_URLS[region]
            addresses["AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING"] = CHIME_URLS[region]
        variables.update({name: url for name, url in addresses.items() if not variables.get(name)})
    # Read by our function alone, in a stack of its own or in the place of the older library's.
    variables["RESPONSE_URL_HOSTS"] = ",".join(filter(None, [variables.get("RESPONSE_URL_HOSTS"), GATEWAY]))
    return variables


lambda_svc.acquire_worker = with_addresses(lambda_svc.acquire_worker)
