//! A program under the local Runtime API with its own Chime simulator and response bucket.

use chime_simulator::{Options, Simulator};
use cloudformation_local::{Authority, LambdaHost, LogicalResource, ResponseBucket, TlsProxy};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The maximum time of init and of an event, long enough for a profiler.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The environment of the programs.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// The transport to Chime and the bucket.
    pub transport: Transport,
    /// The kind of events.
    pub events: Events,
}

/// The transport to Chime and the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTP.
    Plain,
    /// HTTPS.
    Tls,
}

/// The kind of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Events {
    /// Events of `Custom::ChimeAppInstance`.
    Resource,
    /// Events of the constructs of `cdk-amazon-chime-resources`.
    Constructs,
}

/// A running program, which ends on drop.
pub struct Program {
    host: LambdaHost,
    simulator: Simulator,
    bucket: ResponseBucket,
    proxies: Option<TlsProxies>,
    resource: LogicalResource,
    properties: Json,
    /// The physical ID of the existing resource, which the next event deletes.
    existing: Option<String>,
}

/// The TLS proxies of both hosts, and the file with the certificate to trust, which is deleted on drop.
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
    /// Starts `binary`, under the tool `under` unless that is empty.
    pub fn start(under: &[&str], binary: &Path, setup: Setup) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{} cannot be run: {error}", binary.display());
        let simulator = Simulator::start(Options::default()).map_err(failed)?;
        let bucket = ResponseBucket::start(0).map_err(failed)?;
        let (mut chime_url, mut response_host, mut proxies, mut environment) =
            (simulator.url(), bucket.host(), None, Vec::new());
        if setup.transport == Transport::Tls {
            let authority = Authority::new().map_err(failed)?;
            let proxy = |url: &str| {
                let address = url.trim_start_matches("http://").parse().map_err(std::io::Error::other);
                address.and_then(|address| authority.proxy(address)).map_err(failed)
            };
            let (chime_proxy, bucket_proxy) = (proxy(&chime_url)?, proxy(&response_host)?);
            let bundle = std::env::temp_dir().join(format!("xtask-bench-{}.pem", chime_proxy.host().replace(':', "-")));
            std::fs::write(&bundle, authority.pem()).map_err(failed)?;
            (chime_url, response_host) = (format!("https://{}", chime_proxy.host()), bucket_proxy.host());
            // Node.js reads the second.
            for name in ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
                environment.push((name.to_owned(), bundle.display().to_string()));
            }
            proxies = Some(TlsProxies { bucket: bucket_proxy, _chime: chime_proxy, bundle });
        }
        environment.push(("AWS_ENDPOINT_URL".to_owned(), chime_url));
        environment.push(("RESPONSE_URL_HOSTS".to_owned(), response_host));
        let binary = std::path::absolute(binary).map_err(failed)?;
        let host = LambdaHost::start_under(under, &binary, environment).map_err(failed)?;
        let (resource_type, properties) = match setup.events {
            Events::Constructs => (
                "AWS::CloudFormation::CustomResource",
                json!({"resourceType": "AppInstance", "uid": "bench", "properties": {"name": "Measured"}}),
            ),
            Events::Resource => ("Custom::ChimeAppInstance", json!({"Name": "Measured"})),
        };
        let resource = LogicalResource::new(resource_type);
        Ok(Self { host, simulator, bucket, proxies, resource, properties, existing: None })
    }

    /// Waits for the end of init and returns the time it took.
    pub async fn initialized(&self) -> Result<Duration, String> {
        self.host.initialized(TIMEOUT).await.map_err(|error| error.to_string())
    }

    /// Whether the next event deletes what the last one created.
    pub fn has_resource(&self) -> bool {
        self.existing.is_some()
    }

    /// Sends the next event and returns the time it took. Creates and deletes alternate.
    pub async fn event(&mut self) -> Result<Duration, String> {
        let mut event = match &self.existing {
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
        self.host.invoke(&event, TIMEOUT).await.map_err(|error| error.to_string())?;
        let time = started.elapsed();
        let deliveries = self.bucket.take_deliveries();
        let stored = deliveries.iter().find(|delivery| delivery.stored()).ok_or("no response reached the bucket")?;
        if stored.answer["Status"] != "SUCCESS" {
            return Err(stored.answer["Reason"].as_str().unwrap_or("the response has no reason").to_owned());
        }
        self.existing = match self.existing {
            Some(_) => None,
            None => stored.answer["PhysicalResourceId"].as_str().map(str::to_owned),
        };
        Ok(time)
    }

    /// The number of Chime calls since the last time this was asked.
    pub fn calls(&self) -> usize {
        self.simulator.take_calls().len()
    }

    /// The number of connections to Chime and to the bucket.
    pub fn connections(&self) -> [usize; 2] {
        [self.simulator.connections(), self.bucket.connections()]
    }

    /// The process.
    pub fn host(&self) -> &LambdaHost {
        &self.host
    }
}
