"""What moto lacks for a lake to be deployed, run and queried. One module a service; each says why."""
