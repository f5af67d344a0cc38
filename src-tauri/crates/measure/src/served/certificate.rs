//! The certificate as it is served: looked at whatever it is, with this computer's own judgement beside it.

use super::PATIENCE;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

/// Names beyond these are not kept.
const NAMES: usize = 50;

/// Why this computer does not trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    RunOut,
    NotYet,
    SelfSigned,
    /// No way from it to an authority that this computer knows.
    Chain,
    /// There is no name on it that anybody could ask for.
    Nameless,
    /// This computer knows no authority at all.
    NobodyToAsk,
}

#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) names: Vec<String>,
    pub(crate) issuer: String,
    /// In seconds since 1970.
    from: u64,
    pub(crate) until: u64,
    /// "2027-02-19".
    pub(crate) last_day: String,
    first_day: String,
    /// Whether it names itself as the one who issued it.
    own_word: bool,
    /// How many came along, itself included.
    served: usize,
    pub(crate) doubt: Option<Doubt>,
    der: CertificateDer<'static>,
}

/// Why there is none.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// What answers does not speak TLS.
    NoTls,
    /// It says nothing, or hangs up.
    Mute(&'static str),
    Failed(String),
}

/// Agrees on TLS with whoever is there, asking for `name`.
pub(crate) async fn look(stream: TcpStream, name: &str) -> Result<(Certificate, TlsStream<TcpStream>), Stopped> {
    let failed = |error: &dyn std::fmt::Display| Stopped::Failed(remote::visible(&error.to_string(), 120));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let looker = Arc::new(Looker {
        platform: Verifier::new(provider.clone()).ok(),
        provider: provider.clone(),
        seen: Mutex::default(),
    });
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| failed(&error))?;
    let config = config.dangerous().with_custom_certificate_verifier(looker.clone()).with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).map_err(|error| failed(&error))?;
    let agreed = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let stream = match tokio::time::timeout(PATIENCE, agreed).await {
        Err(_) => return Err(Stopped::Mute("it does not answer")),
        Ok(Err(error)) => {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
            return Err(match (inner, error.kind()) {
                (Some(Error::InvalidMessage(_)), _) => Stopped::NoTls,
                (_, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => Stopped::Mute("it hangs up"),
                _ => failed(&error),
            });
        }
        Ok(Ok(stream)) => stream,
    };
    let seen = looker.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let certificate = seen.ok_or_else(|| Stopped::Failed("its certificate cannot be read".to_owned()))?;
    Ok((certificate, stream))
}

/// Lets every certificate pass, so that a bad one can be told of: nothing is ever sent that anybody could misuse.
#[derive(Debug)]
struct Looker {
    platform: Option<Verifier>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<Certificate>>,
}

impl ServerCertVerifier for Looker {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(mut certificate) = Certificate::read(own, others.len() + 1) {
            certificate.doubt = match (&self.platform, certificate.own_name()) {
                (None, _) => Some(Doubt::NobodyToAsk),
                (Some(_), None) => Some(certificate.doubts(now)),
                // For a name of its own: where its names lead is another question.
                (Some(platform), Some(name)) => {
                    let judged = platform.verify_server_cert(own, others, &name, ocsp, now);
                    judged.is_err().then(|| certificate.doubts(now))
                }
            };
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, own, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, own, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl Certificate {
    fn read(der: &CertificateDer<'_>, served: usize) -> Option<Certificate> {
        let read = x509_cert::Certificate::from_der(der).ok()?;
        let read = read.tbs_certificate();
        let (_, said) =
            read.get_extension::<SubjectAltName>().ok().flatten().unwrap_or((false, SubjectAltName(Vec::new())));
        let names = said.0.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(remote::visible(name.as_str(), 253)),
            GeneralName::IpAddress(bytes) => address(bytes.as_bytes()).map(|address| address.to_string()),
            _ => None,
        });
        let day = |time: &Time| time.to_string().chars().take(10).collect();
        let (from, until) = (&read.validity().not_before, &read.validity().not_after);
        Some(Certificate {
            names: names.take(NAMES).collect(),
            issuer: remote::visible(&read.issuer().to_string(), 120),
            from: from.to_unix_duration().as_secs(),
            until: until.to_unix_duration().as_secs(),
            last_day: day(until),
            first_day: day(from),
            own_word: read.issuer() == read.subject(),
            served,
            doubt: None,
            der: der.clone().into_owned(),
        })
    }

    /// A name that it is for.
    fn own_name(&self) -> Option<ServerName<'static>> {
        self.names.iter().find_map(|name| ServerName::try_from(name.replacen('*', "www", 1)).ok())
    }

    /// What is wrong with it, once this computer does not trust it.
    fn doubts(&self, now: UnixTime) -> Doubt {
        if self.until < now.as_secs() {
            Doubt::RunOut
        } else if self.from > now.as_secs() {
            Doubt::NotYet
        } else if self.own_word {
            Doubt::SelfSigned
        } else if self.names.is_empty() {
            Doubt::Nameless
        } else {
            Doubt::Chain
        }
    }

    pub(crate) fn covers(&self, name: &str) -> bool {
        let (Ok(parsed), Ok(name)) = (ParsedCertificate::try_from(&self.der), ServerName::try_from(name)) else {
            return false;
        };
        verify_server_name(&parsed, &name).is_ok()
    }

    pub(crate) fn words(&self, doubt: Doubt) -> String {
        match doubt {
            Doubt::RunOut => format!("it ran out on {}", self.last_day),
            Doubt::NotYet => format!("it is good from {} on, and not before", self.first_day),
            Doubt::SelfSigned => "nobody but the server itself vouches for it".to_owned(),
            Doubt::Chain if self.served == 1 => format!(
                "it comes alone, and this computer does not know who issued it ({}): serve the whole chain",
                self.issuer
            ),
            Doubt::Chain => {
                format!("the {} that are served lead to no authority that this computer trusts", self.served)
            }
            Doubt::Nameless => "there is no name on it that anybody could ask for".to_owned(),
            Doubt::NobodyToAsk => "this computer has no list of authorities to ask".to_owned(),
        }
    }

    pub(crate) fn transcript(&self) -> String {
        let names = if self.names.is_empty() { "no names".to_owned() } else { self.names.join(", ") };
        let doubt = self.doubt.map_or_else(|| "trusted here".to_owned(), |doubt| format!("{doubt:?}"));
        format!("{names}; issued by {}; until {}; {} served; {doubt}", self.issuer, self.last_day, self.served)
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}
