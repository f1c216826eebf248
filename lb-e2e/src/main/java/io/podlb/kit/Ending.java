package io.podlb.kit;

import io.podlb.server.service.EndReason;
import java.util.Locale;
import java.util.Set;

/** How a connection is drawn. The colours are of the palette of Okabe and Ito, told apart by the colour-blind too. */
enum Ending {
    /** Both streams were brought to their ends by client and Pod. */
    WELL("ended well", "#0072B2"),
    /** podlb had it leave: a drain, its age, or a Pod with more than its share. */
    SENT_AWAY("sent away in good order", "#E69F00"),
    FAILED("failed", "#D55E00"),
    OPEN("still open", "#56B4E9");

    private static final Set<String> SENT_AWAY_BY =
            Set.of(EndReason.DRAINED.label(), EndReason.AGED.label(), EndReason.REBALANCED.label());

    final String label;
    final String colour;

    Ending(String label, String colour) {
        this.label = label;
        this.colour = colour;
    }

    static Ending of(ConnectionRecord record) {
        if (record.end() == null) {
            return OPEN;
        }
        if (record.failed()) {
            return FAILED;
        }
        return SENT_AWAY_BY.contains(record.end()) ? SENT_AWAY : WELL;
    }

    String className() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Failures have one, so that they stand out without their colour. */
    String outline() {
        return this == FAILED ? "#000000" : "none";
    }
}
