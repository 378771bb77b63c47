//! A program under the local Runtime API, with a simulator of Chime and a response bucket of its own.

use chime_simulator::{Options, Simulator};
use cloudformation_local::{Authority, LambdaHost, LogicalResource, ResponseBucket, TlsProxy};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a start and an event may take, also under a profiler.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the programs meet.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Chime and the bucket speak TLS.
    pub tls: bool,
    /// The events are those of the constructs of `cdk-amazon-chime-resources`.
    pub constructs: bool,
}

/// A started program. It ends when this is dropped.
pub struct Program {
    host: LambdaHost,
    simulator: Simulator,
    bucket: ResponseBucket,
    proxies: Option<TlsProxies>,
    resource: LogicalResource,
    properties: Json,
    /// The id of what the last event made, until the next one deletes it.
    made: Option<String>,
}

/// What speaks TLS for both hosts, and the certificate to trust, in a file that goes with them.
struct TlsProxies {
    bucket: TlsProxy,
    _chime: TlsProxy,
    bundle: PathBuf,
}

impl Drop for TlsProxies {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.bundle);
    }
}

impl Program {
    /// Starts `binary`, under a tool where one is named.
    pub fn start(under: &[&str], binary: &Path, surroundings: Surroundings) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{} cannot be run: {error}", binary.display());
        let simulator = Simulator::start(Options::default()).map_err(failed)?;
        let bucket = ResponseBucket::start(0).map_err(failed)?;
        let (mut chime_url, mut response_host, mut proxies, mut environment) =
            (simulator.url(), bucket.host(), None, Vec::new());
        if surroundings.tls {
            let authority = Authority::new().map_err(failed)?;
            let proxy = |url: &str| {
                let address = url.trim_start_matches("http://").parse().map_err(std::io::Error::other);
                address.and_then(|address| authority.proxy(address)).map_err(failed)
            };
            let (chime_proxy, bucket_proxy) = (proxy(&chime_url)?, proxy(&response_host)?);
            let bundle = std::env::temp_dir().join(format!("xtask-bench-{}.pem", chime_proxy.host().replace(':', "-")));
            std::fs::write(&bundle, authority.pem()).map_err(failed)?;
            (chime_url, response_host) = (format!("https://{}", chime_proxy.host()), bucket_proxy.host());
            // The second is what Node.js reads.
            for name in ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
                environment.push((name.to_owned(), bundle.display().to_string()));
            }
            proxies = Some(TlsProxies { bucket: bucket_proxy, _chime: chime_proxy, bundle });
        }
        environment.push(("AWS_ENDPOINT_URL".to_owned(), chime_url));
        environment.push(("RESPONSE_URL_HOSTS".to_owned(), response_host));
        let binary = std::path::absolute(binary).map_err(failed)?;
        let host = LambdaHost::start_under(under, &binary, environment).map_err(failed)?;
        let (resource_type, properties) = match surroundings.constructs {
            true => (
                "AWS::CloudFormation::CustomResource",
                json!({"resourceType": "AppInstance", "uid": "bench", "properties": {"name": "Measured"}}),
            ),
            false => ("Custom::ChimeAppInstance", json!({"Name": "Measured"})),
        };
        let resource = LogicalResource::new(resource_type);
        Ok(Self { host, simulator, bucket, proxies, resource, properties, made: None })
    }

    /// Waits for the end of the start, and says how long it took.
    pub async fn initialized(&self) -> Result<Duration, String> {
        self.host.initialized(PATIENCE).await.map_err(|error| error.to_string())
    }

    /// Hands over the next event, and says how long it took. A create and a delete take turns.
    pub async fn event(&mut self) -> Result<Duration, String> {
        let mut event = match &self.made {
            Some(id) => self.resource.delete(id, &self.properties),
            None => self.resource.create(&self.properties),
        };
        let url = self.bucket.response_url(&event);
        event["ResponseURL"] = match &self.proxies {
            Some(proxies) => {
                json!(url.replacen(&self.bucket.url(), &format!("https://{}", proxies.bucket.host()), 1))
            }
            None => json!(url),
        };
        let started = Instant::now();
        self.host.invoke(&event, PATIENCE).await.map_err(|error| error.to_string())?;
        let time = started.elapsed();
        let answers = self.bucket.take_deliveries();
        let answer = answers.iter().find(|delivery| delivery.stored()).ok_or("no answer reached CloudFormation")?;
        if answer.answer["Status"] != "SUCCESS" {
            return Err(answer.answer["Reason"].as_str().unwrap_or("the answer has no reason").to_owned());
        }
        self.made = match self.made {
            Some(_) => None,
            None => answer.answer["PhysicalResourceId"].as_str().map(str::to_owned),
        };
        Ok(time)
    }

    /// How many requests Chime has had since this was asked last.
    pub fn calls(&self) -> usize {
        self.simulator.take_calls().len()
    }

    /// How many connections Chime and the bucket have had.
    pub fn connections(&self) -> [usize; 2] {
        [self.simulator.connections(), self.bucket.connections()]
    }

    /// The process.
    pub fn host(&self) -> &LambdaHost {
        &self.host
    }
}
