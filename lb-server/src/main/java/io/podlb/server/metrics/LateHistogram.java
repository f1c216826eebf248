package io.podlb.server.metrics;

import com.codahale.metrics.Histogram;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A histogram that is made with its first value: of ten thousand Services most are idle, and a histogram is some thirty
 * lines of text. May be used by any thread.
 */
final class LateHistogram {

    private final Supplier<Histogram> maker;
    private volatile @Nullable Histogram histogram;

    LateHistogram(Supplier<Histogram> maker) {
        this.maker = maker;
    }

    void update(long nanos) {
        Histogram made = histogram;
        (made == null ? make() : made).update(nanos);
    }

    private synchronized Histogram make() {
        Histogram made = histogram;
        if (made == null) {
            made = maker.get();
            histogram = made;
        }
        return made;
    }
}
