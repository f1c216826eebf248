package io.podlb.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BucketReservoirTest {

    private final BucketReservoir reservoir = BucketReservoir.ofShortTimes();

    private BucketSnapshot snapshot() {
        return (BucketSnapshot) reservoir.getSnapshot();
    }

    @Test
    void boundsAscendFromTheUnitsThatTheyClaim() {
        for (BucketReservoir each : List.of(BucketReservoir.ofShortTimes(), BucketReservoir.ofLifeTimes())) {
            BucketSnapshot bounds = (BucketSnapshot) each.getSnapshot();
            for (int i = 1; i < bounds.bounds(); i++) {
                assertThat(bounds.upperBound(i)).isGreaterThan(bounds.upperBound(i - 1));
            }
        }
        BucketSnapshot shortTimes = snapshot();
        assertThat(shortTimes.upperBound(0)).isEqualTo(50_000);
        assertThat(shortTimes.upperBound(shortTimes.bounds() - 1)).isEqualTo(5_000_000_000L);
        BucketSnapshot lifeTimes =
                (BucketSnapshot) BucketReservoir.ofLifeTimes().getSnapshot();
        assertThat(lifeTimes.upperBound(0)).isEqualTo(1_000_000);
        assertThat(lifeTimes.upperBound(lifeTimes.bounds() - 1)).isEqualTo(86_400_000_000_000L);
    }

    @Test
    void upperBoundsAreInclusive() {
        reservoir.update(0);
        reservoir.update(50_000);
        reservoir.update(50_001);
        reservoir.update(5_000_000_000L);
        reservoir.update(5_000_000_001L);
        reservoir.update(Long.MAX_VALUE / 2);
        BucketSnapshot snapshot = snapshot();
        int last = snapshot.bounds();
        assertThat(snapshot.count(0)).isEqualTo(2);
        assertThat(snapshot.count(1)).isEqualTo(1);
        assertThat(snapshot.count(last - 1)).isEqualTo(1);
        assertThat(snapshot.count(last)).isEqualTo(2);
    }

    @Test
    void sumAndMeanAreExact() {
        reservoir.update(10);
        reservoir.update(7_000_000_000L);
        assertThat(snapshot().sum()).isEqualTo(7_000_000_010L);
        assertThat(snapshot().getMean()).isEqualTo(3_500_000_005.0);
    }

    @Test
    void quantilesAreTheBoundsOfTheirBuckets() {
        for (int i = 0; i < 90; i++) {
            reservoir.update(40_000);
        }
        for (int i = 0; i < 9; i++) {
            reservoir.update(900_000);
        }
        reservoir.update(60_000_000_000L);
        BucketSnapshot snapshot = snapshot();
        assertThat(snapshot.getMedian()).isEqualTo(50_000);
        assertThat(snapshot.getValue(0.9)).isEqualTo(50_000);
        assertThat(snapshot.getValue(0.91)).isEqualTo(1_000_000);
        assertThat(snapshot.get99thPercentile()).isEqualTo(1_000_000);
        assertThat(snapshot.getMin()).isEqualTo(50_000);
        // What lies beyond all bounds is shown as the last of them.
        assertThat(snapshot.getMax()).isEqualTo(5_000_000_000L);
    }

    @Test
    void withoutSamplesEverythingIsZero() {
        BucketSnapshot empty = snapshot();
        assertThat(List.of(empty.getMedian(), empty.getMean(), empty.getValue(1.0)))
                .containsOnly(0.0);
        assertThat(List.of(empty.getMin(), empty.getMax(), empty.sum())).containsOnly(0L);
    }

    @Test
    void aSnapshotStandsStill() {
        reservoir.update(1);
        BucketSnapshot before = snapshot();
        reservoir.update(1);
        assertThat(before.count(0)).isEqualTo(1);
        before.getValues()[0] = 0;
        assertThat(snapshot().upperBound(0)).isEqualTo(50_000);
    }

    @Test
    void noSampleOfAnyThreadIsLost() throws Exception {
        Callable<Void> updates = () -> {
            for (int i = 0; i < 20_000; i++) {
                reservoir.update(i * 1_000L);
            }
            return null;
        };
        ExecutorService eventLoops = Executors.newFixedThreadPool(4);
        try {
            for (Future<Void> done : eventLoops.invokeAll(Collections.nCopies(4, updates))) {
                done.get();
            }
        } finally {
            eventLoops.shutdownNow();
        }
        BucketSnapshot snapshot = snapshot();
        long samples = 0;
        for (int i = 0; i <= snapshot.bounds(); i++) {
            samples += snapshot.count(i);
        }
        assertThat(samples).isEqualTo(80_000);
        assertThat(snapshot.sum()).isEqualTo(4L * 1_000 * 19_999 * 20_000 / 2);
    }

    @Test
    void aDumpHasALinePerBucket() {
        reservoir.update(60_000);
        ByteArrayOutputStream dump = new ByteArrayOutputStream();
        snapshot().dump(dump);
        assertThat(dump.toString(StandardCharsets.UTF_8).lines())
                .hasSize(snapshot().bounds() + 1)
                .startsWith("50000 0", "100000 1")
                .endsWith("inf 0");
    }
}
