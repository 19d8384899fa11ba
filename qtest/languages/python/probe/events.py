"""What Python says of itself while it runs (PEP 578), as far as we listen."""

SPAWNING = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
