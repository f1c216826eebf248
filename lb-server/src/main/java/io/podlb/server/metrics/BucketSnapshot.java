package io.podlb.server.metrics;

import com.codahale.metrics.Snapshot;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The buckets of a {@link BucketReservoir} as of one moment. Quantiles are upper bounds of the bucket they fall in. */
public final class BucketSnapshot extends Snapshot {

    private final long[] upperBounds;
    private final long[] counts;
    private final long sum;

    BucketSnapshot(long[] upperBounds, long[] counts, long sum) {
        this.upperBounds = upperBounds;
        this.counts = counts;
        this.sum = sum;
    }

    /** How many buckets have an upper bound; one more without follows. */
    public int bounds() {
        return upperBounds.length;
    }

    /** Upper bound of a bucket, inclusive, in nanoseconds. */
    public long upperBound(int bucket) {
        return upperBounds[bucket];
    }

    /** Samples in this bucket alone; index {@link #bounds()} is the one without upper bound. */
    public long count(int bucket) {
        return counts[bucket];
    }

    /** Sum of all samples in nanoseconds. */
    public long sum() {
        return sum;
    }

    @Override
    public double getValue(double quantile) {
        long wanted = (long) Math.ceil(quantile * total());
        long seen = 0;
        for (int i = 0; i < upperBounds.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return upperBounds[i];
            }
        }
        return seen == total() ? 0 : upperBounds[upperBounds.length - 1];
    }

    @Override
    public long[] getValues() {
        return upperBounds.clone();
    }

    @Override
    public int size() {
        return counts.length;
    }

    @Override
    public long getMax() {
        return (long) getValue(1.0);
    }

    @Override
    public double getMean() {
        long total = total();
        return total == 0 ? 0 : (double) sum / total;
    }

    @Override
    public long getMin() {
        return (long) getValue(0.0);
    }

    /** Not kept by buckets; always 0. */
    @Override
    public double getStdDev() {
        return 0;
    }

    @Override
    public void dump(OutputStream output) {
        PrintWriter writer = new PrintWriter(output, false, StandardCharsets.UTF_8);
        for (int i = 0; i < counts.length; i++) {
            writer.println((i < upperBounds.length ? Long.toString(upperBounds[i]) : "inf") + " " + counts[i]);
        }
        writer.flush();
    }

    private long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }
}
