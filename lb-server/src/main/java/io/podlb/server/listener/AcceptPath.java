package io.podlb.server.listener;

import io.podlb.server.relay.RelayLoops;

/** What every accepted connection passes through, the same for all listeners. */
record AcceptPath(RelayLoops loops, Admission admission, AcceptGate gate) {}
