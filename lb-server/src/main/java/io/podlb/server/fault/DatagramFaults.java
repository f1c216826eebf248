package io.podlb.server.fault;

import io.podlb.server.service.Fault;
import io.podlb.server.service.Fault.Share;
import java.util.List;

/**
 * What is done to the datagrams that go one way in a flow. Each question is asked once for each datagram, in this order,
 * and draws from the sequence of its rule alone. Thread rule: the event loop of the flow.
 */
public final class DatagramFaults {

    private final List<AppliedFault> faults;

    DatagramFaults(List<AppliedFault> faults) {
        this.faults = faults;
    }

    /** Whether it gets lost. */
    public boolean loses() {
        boolean lost = false;
        for (AppliedFault applied : faults) {
            lost |= applied.fault() instanceof Fault.Loss loss && strikes(applied, loss.share());
        }
        return lost;
    }

    /** Whether it arrives twice. */
    public boolean duplicates() {
        boolean twice = false;
        for (AppliedFault applied : faults) {
            twice |= applied.fault() instanceof Fault.Duplicate duplicate && strikes(applied, duplicate.share());
        }
        return twice;
    }

    /** Whether the next one overtakes it. */
    public boolean reorders() {
        boolean late = false;
        for (AppliedFault applied : faults) {
            late |= applied.fault() instanceof Fault.Reorder reorder && strikes(applied, reorder.share());
        }
        return late;
    }

    private static boolean strikes(AppliedFault applied, Share share) {
        if (!applied.isInForce() || applied.random(Share.ALL) >= share.perMillion()) {
            return false;
        }
        applied.hit();
        return true;
    }

    /** How long it is on its way. */
    public long delayNanos() {
        return Delays.next(faults, true);
    }
}
