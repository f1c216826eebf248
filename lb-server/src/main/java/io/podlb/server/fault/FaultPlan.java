package io.podlb.server.fault;

import io.podlb.server.service.Fault;
import io.podlb.server.service.Fault.Direction;
import io.podlb.server.transport.RelaySocket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done to one connection or flow with one backend. Thread rule: its event loop. */
public final class FaultPlan {

    private final List<AppliedFault> faults;

    FaultPlan(List<AppliedFault> faults) {
        this.faults = faults;
    }

    /** A socket in place of one to the Pod, if the connection is not to reach that; counts the fault. */
    public @Nullable RelaySocket socketInPlace() {
        for (AppliedFault applied : faults) {
            Fault fault = applied.fault();
            if (fault.direction() == null) {
                applied.met();
                return new FaultySocket(fault);
            }
        }
        return null;
    }

    /** What is done to the stream that goes one way; null: nothing. */
    public @Nullable StreamFaults stream(Direction way) {
        List<AppliedFault> found = that(way);
        return found.isEmpty() ? null : new StreamFaults(found);
    }

    /** What is done to the datagrams that go one way; null: nothing. */
    public @Nullable DatagramFaults datagrams(Direction way) {
        List<AppliedFault> found = that(way);
        return found.isEmpty() ? null : new DatagramFaults(found);
    }

    private List<AppliedFault> that(Direction way) {
        return faults.stream()
                .filter(applied -> {
                    Direction affected = applied.fault().direction();
                    return affected != null && affected.covers(way);
                })
                .toList();
    }

    /** The rules of which something was done so far, as they are written. */
    public List<String> met() {
        return faults.stream()
                .filter(AppliedFault::wasMet)
                .map(applied -> applied.rule().toString())
                .toList();
    }
}
