//! Certificates: a self-signed one is made at the first start, as browsers give the camera to nothing but HTTPS, and kept; or files
//! of the host's own are read.

use std::{
    collections::BTreeSet,
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};
use time::{Duration, OffsetDateTime};

use crate::clock::{now_ms, rfc3339};

/// How long a certificate of our own is good for: what browsers accept at most.
const VALIDITY: Duration = Duration::days(397);
/// How long before its end it is renewed, at a start.
const RENEWAL: Duration = Duration::days(30);
const CERTIFICATE_FILE: &str = "certificate.pem";
const KEY_FILE: &str = "key.pem";
/// Begins the first line of our own certificate; its end follows. PEM allows for such lines, and people can read them.
const EXPIRY_MARK: &str = "Self-signed by smielfy, good until ";

/// A certificate that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read `{path}`: {source}", path = path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// None can be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// Certificate and key do not go together, or are of a kind that is not known.
    #[error("cannot use the certificate `{path}` with its key: {source}", path = path.display())]
    Unfit {
        /// The certificate.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and those that vouch for it, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Our own in the folder `data`, made if there is none or if it ends soon.
    ///
    /// # Errors
    /// [`CertificateError`] if none can be made or written.
    pub fn of_our_own(data: &Path) -> Result<Self, CertificateError> {
        let files = Self { certificate: data.join(CERTIFICATE_FILE), key: data.join(KEY_FILE) };
        let renewal = rfc3339(now_ms() + RENEWAL.whole_milliseconds() as i64);
        if !files.key.exists() || expiry(&files.certificate).is_none_or(|expiry| expiry < renewal) {
            files.make(&host_names(), OffsetDateTime::now_utc() + VALIDITY)?;
        }
        Ok(files)
    }

    /// Makes a certificate for these names and addresses. The key comes first: a certificate without its key would be kept.
    fn make(&self, names: &BTreeSet<String>, end: OffsetDateTime) -> Result<(), CertificateError> {
        let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
        params.distinguished_name.push(DnType::CommonName, "smielfy");
        params.not_before = OffsetDateTime::now_utc() - Duration::days(1);
        params.not_after = end;
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        let expiry = rfc3339(end.unix_timestamp() * 1000);
        let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        write_private(&self.key, &key.serialize_pem())?;
        write_private(&self.certificate, &format!("{EXPIRY_MARK}{expiry}, for {names}\n{certificate}"))
    }

    /// The TLS settings of a server with this certificate.
    ///
    /// # Errors
    /// [`CertificateError`] if the files cannot be read or do not go together.
    pub fn server_config(&self) -> Result<ServerConfig, CertificateError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| CertificateError::Pem { path, source }
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate).map_err(failed(&self.certificate))?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(failed(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(failed(&self.key))?;
        let unfit = |source| CertificateError::Unfit { path: self.certificate.clone(), source };
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(unfit)?.with_no_client_auth();
        let mut config = builder.with_single_cert(chain, key).map_err(unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Until when our own certificate is good, as it says in its first line.
fn expiry(certificate: &Path) -> Option<String> {
    let text = fs::read_to_string(certificate).ok()?;
    let (expiry, _) = text.lines().next()?.strip_prefix(EXPIRY_MARK)?.split_once(',')?;
    Some(expiry.to_owned())
}

/// By what names and addresses browsers may ask for this machine.
pub fn host_names() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = addresses().iter().map(IpAddr::to_string).collect();
    let host = gethostname::gethostname().to_string_lossy().to_ascii_lowercase();
    let is_plain =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if is_plain(&host) {
        names.insert(format!("{host}.local"));
        names.insert(host);
    }
    names.insert("localhost".into());
    names
}

/// The addresses of this machine.
fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().map(if_addrs::Interface::ip).filter(|address| !is_link_local(address)).collect()
}

/// Whether an address is good for one cable alone; browsers cannot ask for such.
fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Writes a file that nobody else on this machine can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> Result<(), CertificateError> {
    let failed = |source| CertificateError::Write { path: path.to_owned(), source };
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, "").map_err(failed)?;
    #[cfg(unix)]
    fs::set_permissions(&unfinished, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    fs::write(&unfinished, text).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_kept_until_it_ends_soon() {
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFiles::of_our_own(folder.path()).unwrap();
        let first = fs::read_to_string(&files.certificate).unwrap();
        assert!(first.contains("localhost") && first.contains("127.0.0.1"), "{first}");
        assert!(files.server_config().is_ok());
        CertificateFiles::of_our_own(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&files.certificate).unwrap(), first);

        files.make(&host_names(), OffsetDateTime::now_utc() + Duration::days(29)).unwrap();
        let ending = fs::read_to_string(&files.certificate).unwrap();
        CertificateFiles::of_our_own(folder.path()).unwrap();
        assert_ne!(fs::read_to_string(&files.certificate).unwrap(), ending, "it is renewed");
        assert!(files.server_config().is_ok());
    }

    #[test]
    fn files_that_do_not_go_together_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFiles::of_our_own(folder.path()).unwrap();
        fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
        assert!(matches!(files.server_config(), Err(CertificateError::Unfit { .. })));
        fs::write(&files.certificate, "nothing").unwrap();
        assert!(files.server_config().is_err());
        fs::remove_file(&files.key).unwrap();
        assert!(files.server_config().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_our_eyes_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFiles::of_our_own(folder.path()).unwrap();
        assert_eq!(fs::metadata(&files.key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
