"""Two real mail servers from Debian, each with a configuration of its own in a folder of its own: Postfix and Exim.

They are taken from where they are installed, or from CARELOOP_MTA, a folder into which their packages were unpacked (`dpkg -x`): Debian installs only
one of them at a time. Both give up root's rights themselves and therefore have to be started by root. They know ada@, full@ and later@example.org.
"""

import grp
import os
import pwd
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(os.environ.get("CARELOOP_MTA", "/"))
_POSTFIX = ROOT / "usr/lib/postfix/sbin/master"
_EXIM = ROOT / "usr/sbin/exim4"
_MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {root}/etc/postfix
mail_owner = {owner}
setgid_group = {group}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mta.example
mydestination = example.org
alias_maps =
local_transport = discard:
local_recipient_maps = inline:{{ ada=ok, full=ok, later=ok }}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{full@example.org = 552 5.2.2 full}}, {{later@example.org = 450 4.2.0 later}} }}, permit
"""
_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
_EXIM_CONF = """primary_hostname = mta.example
spool_directory = {folder}/spool
log_file_path = {folder}/log-%s
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
queue_only = true
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny local_parts = full
       message = 552 5.2.2 full
  defer local_parts = later
        message = 450 4.2.0 later
  accept domains = example.org
         local_parts = ada
  deny message = 550 5.1.1 no such user
"""
_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "maildrop", "public", "saved", "trace")


def missing(name: str) -> str:
    """Why the mail server cannot be run here, "" when it can."""
    if os.geteuid() != 0:
        return "only root can start a mail server that gives up root's rights"
    if not (_POSTFIX if name == "postfix" else _EXIM).exists():
        return f"{name} is neither installed nor unpacked in CARELOOP_MTA"
    return "Exim needs the user Debian-exim" if name == "exim" and not _there(pwd.getpwnam, "Debian-exim") else ""


@contextmanager
def running(name: str, folder: Path, port: int) -> Iterator[None]:
    """The mail server on 127.0.0.1:`port`, which may not listen yet; its files are in `folder`."""
    libraries = ":".join(map(str, [ROOT / "usr/lib/postfix", *ROOT.glob("usr/lib/*-linux-gnu")]))
    env = os.environ | ({"LD_LIBRARY_PATH": libraries} if Path("/") != ROOT else {})
    folder.chmod(0o755)
    argv = (_postfix if name == "postfix" else _exim)(folder, port)
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(argv, env=env, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _postfix(folder: Path, port: int) -> list[str]:
    owner = "postfix" if _there(pwd.getpwnam, "postfix") else "games"
    group = "postdrop" if _there(grp.getgrnam, "postdrop") else "news"
    root = "" if Path("/") == ROOT else str(ROOT)
    for queue in (*_QUEUES, "pid"):
        (folder / "queue" / queue).mkdir(parents=True)
        os.chown(folder / "queue" / queue, 0 if queue == "pid" else pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
    (folder / "data").mkdir()
    os.chown(folder / "data", pwd.getpwnam(owner).pw_uid, -1)
    (folder / "main.cf").write_text(_MAIN.format(folder=folder, root=root, owner=owner, group=group))
    (folder / "master.cf").write_text(_MASTER.format(port=port))
    return [str(_POSTFIX), "-c", str(folder), "-d"]


def _exim(folder: Path, port: int) -> list[str]:
    (folder / "spool").mkdir()
    for place in (folder, folder / "spool"):
        os.chown(place, pwd.getpwnam("Debian-exim").pw_uid, -1)
    conf = folder / "exim.conf"
    conf.write_text(_EXIM_CONF.format(folder=folder, port=port))
    return [str(_EXIM), "-C", str(conf), "-bdf"]


def _there(asked: Callable[[str], object], name: str) -> bool:
    try:
        asked(name)
    except KeyError:
        return False
    return True
