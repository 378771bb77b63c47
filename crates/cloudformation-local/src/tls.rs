//! TLS in front of a plain server, as in AWS, where a function finds nothing else.

use loopback_server::Background;
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A certificate authority for tests. Only those who have its certificate trust it.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new() -> io::Result<Self> {
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "A local test authority");
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let pem = params.self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    /// Its certificate, in the format of `AWS_CA_BUNDLE`.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A proxy for the plain server at `server`, with a certificate for 127.0.0.1.
    ///
    /// # Errors
    /// The system gives no socket or thread.
    pub fn proxy(&self, server: SocketAddr) -> io::Result<TlsProxy> {
        let (certificate, key) = self.certificate("127.0.0.1").map_err(io::Error::other)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into())
            })
            .map_err(io::Error::other)?;
        TlsProxy::start(server, TlsAcceptor::from(Arc::new(config)))
    }

    /// A certificate for `host`, which is also its name: OpenSSL takes a certificate with the name of its authority for self-signed.
    fn certificate(&self, host: &str) -> Result<(Certificate, KeyPair), rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([host.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, host);
        Ok((params.signed_by(&key, &self.issuer)?, key))
    }
}

/// Speaks TLS for a server. It ends when dropped.
#[derive(Debug)]
pub struct TlsProxy {
    address: SocketAddr,
    _thread: Background,
}

impl TlsProxy {
    fn start(server: SocketAddr, acceptor: TlsAcceptor) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let thread = Background::start(format!("tls-{}", address.port()), accept(listener, server, acceptor))?;
        Ok(Self { address, _thread: thread })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, acceptor: TlsAcceptor) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(relay(stream, server, acceptor.clone()));
    }
}

/// Relays one connection. A client that does not trust the certificate closes it, and reports that itself.
async fn relay(stream: TcpStream, server: SocketAddr, acceptor: TlsAcceptor) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_does_not_have_the_name_of_its_authority() {
        let authority = Authority::new().expect("an authority");
        let (certificate, _) = authority.certificate("127.0.0.1").expect("a certificate");
        let der = certificate.der().to_vec();
        for name in ["A local test authority", "127.0.0.1"] {
            let times = der.windows(name.len()).filter(|window| *window == name.as_bytes()).count();
            assert_eq!(times, 1, "{name}");
        }
    }
}
