//! A PostgreSQL server of the tests' own, in a folder of its own, reached through a socket in it.

use std::{
    env, fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The user `nobody`: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;
/// How long a server may take to start where the machine is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that ends with its owner.
pub struct Postgres {
    folder: TempDir,
    server: Child,
}

impl Postgres {
    /// Starts a server; nothing where none is installed.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = folder.path().join("data");
        let made = command(&programs.join("initdb"), folder.path())
            .args(["--username=site", "--auth=trust", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let server = command(&programs.join("postgres"), folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { folder, server };
        server.wait(&programs);
        Some(server)
    }

    /// The address of an empty database.
    pub fn address(&self) -> String {
        format!("postgres://site@localhost/postgres?host={}", self.folder.path().display())
    }

    fn wait(&self, programs: &Path) {
        let start = Instant::now();
        let is_ready = || {
            let mut ready = command(&programs.join("pg_isready"), self.folder.path());
            ready.arg("-h").arg(self.folder.path()).output().unwrap().status.success()
        };
        while !is_ready() {
            assert!(start.elapsed() < PATIENCE, "PostgreSQL does not start");
            sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A command in `folder`, as somebody who is not root.
fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// The folder with the server's programs: Debian keeps them off the PATH.
fn programs() -> Option<PathBuf> {
    let newest = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
        versions.filter(|programs| programs.join("initdb").exists()).max()
    };
    let on_path = env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    newest().or(on_path)
}
