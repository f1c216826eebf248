package io.podlb.server.metrics;

import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import java.util.concurrent.atomic.LongAdder;

/**
 * A reservoir of fixed buckets: an update is two additions without a lock, no sample is ever lost, and what it holds is
 * exactly what a Prometheus histogram wants. Values are nanoseconds.
 */
public final class BucketReservoir implements Reservoir {

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    private final long[] upperBounds;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    private BucketReservoir(long[] upperBounds) {
        this.upperBounds = upperBounds;
        this.counts = new LongAdder[upperBounds.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    /**
     * Buckets of one's own.
     *
     * @param upperBounds in nanoseconds, each greater than the one before it
     */
    public static BucketReservoir of(long... upperBounds) {
        return new BucketReservoir(upperBounds.clone());
    }

    /** From 50 µs to 5 s: connects, table changes. */
    public static BucketReservoir ofShortTimes() {
        return new BucketReservoir(new long[] {
            50 * MICRO,
            100 * MICRO,
            250 * MICRO,
            500 * MICRO,
            MILLI,
            2_500 * MICRO,
            5 * MILLI,
            10 * MILLI,
            25 * MILLI,
            50 * MILLI,
            100 * MILLI,
            250 * MILLI,
            500 * MILLI,
            SECOND,
            2_500 * MILLI,
            5 * SECOND
        });
    }

    /** From 1 ms to a day: connections. */
    static BucketReservoir ofLifeTimes() {
        return new BucketReservoir(new long[] {
            MILLI,
            10 * MILLI,
            100 * MILLI,
            SECOND,
            10 * SECOND,
            60 * SECOND,
            600 * SECOND,
            3_600 * SECOND,
            21_600 * SECOND,
            86_400 * SECOND
        });
    }

    @Override
    public int size() {
        return counts.length;
    }

    @Override
    public void update(long nanos) {
        int bucket = 0;
        while (bucket < upperBounds.length && nanos > upperBounds[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sum.add(nanos);
    }

    @Override
    public Snapshot getSnapshot() {
        long[] now = new long[counts.length];
        for (int i = 0; i < now.length; i++) {
            now[i] = counts[i].sum();
        }
        return new BucketSnapshot(upperBounds.clone(), now, sum.sum());
    }
}
