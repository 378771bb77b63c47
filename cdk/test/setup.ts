// CDK's own validator takes eight seconds for the first template of each file, and no test is about it. Our checks are not part of it.
process.env.CDK_VALIDATION = 'false';
