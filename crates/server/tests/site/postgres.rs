//! A PostgreSQL server of the tests' own, in a folder of its own, reached through a socket in it.

use std::{
    env, fs, io,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The user `nobody`: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;
/// How long a server may take to start where the machine is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that ends with its owner.
pub struct Postgres {
    folder: TempDir,
    server: Child,
}

impl Postgres {
    /// Starts a server, or says why there is none.
    pub fn start() -> Result<Self, String> {
        let programs = programs().ok_or("neither `initdb` on the PATH nor /usr/lib/postgresql; install the package `postgresql`")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        if is_root(folder.path()) {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).map_err(|error| error.to_string())?;
        }
        let data = folder.path().join("data");
        let made = command(&programs.join("initdb"), folder.path())
            .args(["--username=site", "--auth=trust", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(&data)
            .output()
            .map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let server = command(&programs.join("postgres"), folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let server = Self { folder, server };
        server.wait(&programs)?;
        Ok(server)
    }

    /// The address of an empty database.
    pub fn address(&self) -> String {
        format!("postgres://site@localhost/postgres?host={}", self.folder.path().display())
    }

    fn wait(&self, programs: &Path) -> Result<(), String> {
        let start = Instant::now();
        let is_ready = || {
            let mut ready = command(&programs.join("pg_isready"), self.folder.path());
            ready.arg("-h").arg(self.folder.path()).output().is_ok_and(|output| output.status.success())
        };
        while !is_ready() {
            if start.elapsed() > PATIENCE {
                return Err("it does not start".into());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
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
    if is_root(Path::new("/proc/self")) {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.uid() == 0)
}

/// The folder with the server's programs: Debian keeps them off the PATH.
fn programs() -> Option<PathBuf> {
    let on_path = env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    on_path.or_else(|| newest(Path::new("/usr/lib/postgresql")).ok()?)
}

fn newest(folder: &Path) -> io::Result<Option<PathBuf>> {
    let versions = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    Ok(versions.filter(|programs| programs.join("initdb").exists()).max())
}
