"""Events a second through the decider, beside what Faust and Quix Streams do on the same broker, core and events: `make bench-decide`."""
