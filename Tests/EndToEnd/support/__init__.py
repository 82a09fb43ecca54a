"""What the end-to-end tests are written with: the daemon, a scripted receiver, a spool writer, samples, traces."""
