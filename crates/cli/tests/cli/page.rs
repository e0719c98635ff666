//! The pages that the command serves for one person on this machine, with a script in the place of the person.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use reqwest::{
    Certificate, StatusCode,
    blocking::{Client, Response},
};
use serde_json::Value;

use crate::support::command;

/// A page that is served; the command is killed with its owner.
pub struct Page {
    process: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    /// Its address, with the token.
    pub address: String,
    pub client: Client,
}

impl Page {
    /// Runs the command with these arguments, which keeps its certificate in `kept_in`.
    pub fn start<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>, kept_in: &Path) -> Self {
        let mut process = command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = stdout.next().expect("the command prints an address; its error is above").unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificate = Certificate::from_pem(&fs::read(kept_in.join("certificate/certificate.pem")).unwrap()).unwrap();
        let client = Client::builder().tls_certs_only([certificate]).build().unwrap();
        Self { process, stdout, address, client }
    }

    /// What lies below the page's address at `path`.
    pub fn json(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}/{path}", self.address)).send().unwrap();
        serde_json::from_slice(&answer.bytes().unwrap()).unwrap()
    }

    pub fn act(&self, action: &Value) -> Response {
        let request = self.client.post(format!("{}/api/actions", self.address)).header("content-type", "application/json");
        request.body(action.to_string()).send().unwrap()
    }

    /// That the page has a strict policy, and that nobody gets in without the token, at any of `paths` below it.
    pub fn check_guards(&self, paths: &[&str]) {
        assert!(self.address.starts_with("https://127.0.0.1:"), "this machine alone: {}", self.address);
        let get = |address: &str| self.client.get(address).send().unwrap();
        let page = get(&self.address);
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(page.status() == StatusCode::OK && policy.contains("default-src 'none'"), "{policy}");
        let (site, token) = self.address.rsplit_once('/').unwrap();
        let wrong = format!("{site}/{}", token.chars().rev().collect::<String>());
        for path in paths {
            assert_eq!(get(&format!("{wrong}{path}")).status(), StatusCode::NOT_FOUND, "{path}");
        }
        let foreign = self.client.post(format!("{}/api/actions", self.address)).header("origin", "https://evil.example");
        assert_eq!(foreign.body("{}").send().unwrap().status(), StatusCode::FORBIDDEN);
    }

    /// Ends it as Ctrl-C does; gives what it printed behind the address.
    #[cfg(unix)]
    pub fn end(mut self) -> String {
        assert!(std::process::Command::new("kill").arg(self.process.id().to_string()).status().unwrap().success());
        assert!(self.process.wait().unwrap().success());
        self.stdout.by_ref().map(|line| line.unwrap() + "\n").collect()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
