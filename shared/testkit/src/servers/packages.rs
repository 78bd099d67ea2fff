//! The table of Debian packages the kit can unpack. Another program is another row.

use super::Flavour;

/// Packages that are unpacked together into one folder.
pub(super) struct PackageSet {
    /// The folder's name.
    pub(super) name: &'static str,
    /// The release they come from.
    pub(super) release: &'static str,
    /// The package whose version names the folder.
    pub(super) main: &'static str,
    /// How that version must begin, without its epoch.
    pub(super) series: &'static str,
    /// Unpacked with everything they depend on.
    pub(super) packages: &'static [&'static str],
    /// Unpacked alone: their dependencies are not needed for what the kit uses.
    pub(super) alone: &'static [&'static str],
    /// Packages of the closure that are left out: scripts the kit does not run need them.
    pub(super) without: &'static [&'static str],
    /// The programs the kit starts through the loader among the packages; none where it needs none.
    pub(super) programs: &'static [&'static str],
}

const PERL: &[&str] = &["perl", "libperl", "libgdbm", "libdb5.3"];

static MYSQL: PackageSet = PackageSet {
    name: "mysql",
    release: "sid",
    main: "mysql-server-core",
    series: "9.7.",
    packages: &["mysql-server-core", "mysql-client-core"],
    alone: &[],
    without: PERL,
    programs: &["mysqld", "mysql", "mysqldump", "mysqlbinlog"],
};

static MARIADB: PackageSet = PackageSet {
    name: "mariadb",
    release: "bookworm",
    main: "mariadb-server-core",
    series: "10.11.",
    packages: &["mariadb-server-core", "mariadb-client-core"],
    // The plugins.
    alone: &["mariadb-server"],
    without: PERL,
    programs: &["mariadbd", "mariadb"],
};

pub(super) static SYSBENCH: PackageSet = PackageSet {
    name: "sysbench",
    release: "bookworm",
    main: "sysbench",
    series: "1.0.",
    packages: &["sysbench"],
    alone: &[],
    without: PERL,
    programs: &["sysbench"],
};

/// A metrics store, a second one of another make, and what they scrape.
pub(super) static MONITORING: PackageSet = PackageSet {
    name: "monitoring",
    release: "sid",
    main: "prometheus-mysqld-exporter",
    series: "0.19.",
    packages: &[
        "prometheus",
        "prometheus-mysqld-exporter",
        "prometheus-node-exporter",
        "victoria-metrics",
    ],
    alone: &[],
    without: PERL,
    programs: &[
        "prometheus",
        "prometheus-mysqld-exporter",
        "prometheus-node-exporter",
        "victoria-metrics",
    ],
};

/// The browser without a window. It finds its parts beside itself, so it is not started through a loader:
/// the machine's own C library, which must not be older than this release's, stays in place.
pub(super) static CHROMIUM: PackageSet = PackageSet {
    name: "chromium",
    release: "bookworm",
    main: "chromium-headless-shell",
    series: "1",
    packages: &["chromium-headless-shell"],
    alone: &[],
    // The C library and the compiler's, and what only windows and graphics cards need.
    without: &[
        "libc6",
        "libgcc-s1",
        "libstdc++6",
        "gcc-12-base",
        "x11-",
        "xdg-utils",
        "libgl1",
        "libglx",
        "libllvm",
        "libz3",
        "libicu",
        "libxml2",
        "libsensors",
        "debconf",
        "lsb-base",
        "sysvinit-utils",
    ],
    programs: &[],
};

/// The packages that hold a server.
pub(super) fn for_flavour(flavour: Flavour) -> &'static PackageSet {
    match flavour {
        Flavour::Mysql97 => &MYSQL,
        Flavour::Mariadb1011 => &MARIADB,
    }
}
