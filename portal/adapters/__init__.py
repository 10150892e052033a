"""What the portal knows of the outside world: servers, mail, files, the browser."""
