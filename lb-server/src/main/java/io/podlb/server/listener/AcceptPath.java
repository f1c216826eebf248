package io.podlb.server.listener;

import io.podlb.server.relay.RelayLoops;
import io.podlb.server.transport.Transport;

/** What every accepted connection passes through, the same for all listeners. */
record AcceptPath(Transport transport, RelayLoops loops, Admission admission, AcceptGate gate) {}
