package io.podlb.kit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entry to the AssertJ assertions about connections to Services. It can be imported statically beside
 * {@link org.assertj.core.api.Assertions}: the compiler takes the {@code assertThat} that fits.
 *
 * <pre>{@code
 * import static io.podlb.kit.PodlbAssertions.assertThat;
 *
 * assertThat(receipts).as("all Pods are ready").haveNoFailed().areDistributedEvenly();
 * assertThat(receipts).from(client).as("session affinity").hasSize(10).areAllOnOnePod();
 * assertThat(receipts).startedBetween(crash, repair).neverConnectedTo("web-1").wereRetriedAtMost(2);
 * assertThat(receipts).drainedWithin("web-2", Duration.ofSeconds(5), drain);
 * }</pre>
 *
 * <p>A failure says in one line what was expected and found, then lists each Pod and each record. Soft assertions:
 * {@code softly.proxy(ConnectionsAssert.class, Receipts.class, receipts)}; there the receipts are to be filtered before,
 * since what a filter of the assertions gives is not soft.
 */
public final class PodlbAssertions {

    private PodlbAssertions() {}

    /** About these connections. */
    public static ConnectionsAssert assertThat(@Nullable Receipts actual) {
        return new ConnectionsAssert(actual);
    }

    /** About these connections; no Pod is expected but those that were candidates. */
    public static ConnectionsAssert assertThat(@Nullable List<ConnectionRecord> actual) {
        return new ConnectionsAssert(actual == null ? null : Receipts.of(actual));
    }

    /** About all connections to this Service so far. */
    public static ConnectionsAssert assertThat(@Nullable ServiceHandle actual) {
        return new ConnectionsAssert(actual == null ? null : actual.receipts());
    }

    /** About this connection. */
    public static ConnectionAssert assertThat(@Nullable ConnectionRecord actual) {
        return new ConnectionAssert(actual);
    }
}
