package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.LogLines;
import io.podlb.server.relay.FlowTable.Standing;
import io.podlb.server.service.FlowEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The table alone, without sockets. */
class FlowTableTest {

    private static final int LIMIT = 32_768;

    /** A flow that does nothing but end. */
    private static final class Flow extends FlowTable.Entry {
        private final FlowTable<Flow> table;
        private FlowEnd end;

        Flow(FlowTable<Flow> table) {
            this.table = table;
        }

        @Override
        void end(FlowEnd reason) {
            end = reason;
            table.remove(this);
        }

        @Override
        void expired() {}
    }

    @Test
    void aMillionForgedSourcesDisplaceOneAnother() {
        try (LogLines log = LogLines.of(FullTableLog.class)) {
            FlowTable<Flow> table = new FlowTable<>(() -> LIMIT, new FullTableLog(() -> LIMIT));
            List<Flow> honest = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                Flow flow = new Flow(table);
                table.add(flow, 0);
                table.used(flow, i % 2 == 0 ? Standing.ANSWERED : Standing.ASSURED);
                honest.add(flow);
            }
            long second = TimeUnit.SECONDS.toNanos(1);
            int sources = 1_000_000;
            int most = 0;
            for (int i = 0; i < sources; i++) {
                table.add(new Flow(table), i * 150 * second / sources); // 150 seconds of it
                most = Math.max(most, table.size());
            }
            assertThat(most).isEqualTo(LIMIT);
            assertThat(honest).allMatch(flow -> flow.end == null);
            assertThat(table.size()).isEqualTo(LIMIT);
            assertThat(table.all()).hasSize(LIMIT).containsAll(honest);
            assertThat(log.lines()).as("one a minute").hasSize(3);
            assertThat(log.lines().get(0))
                    .isEqualTo("the table of UDP flows is full (32768); 1 flows made room for new ones since the last"
                            + " such line; raise --udp-max-flows or the descriptor limit (ulimit -n), or see who sends"
                            + " from so many ports");
            assertThat(log.lines().get(1)).contains("; 400000 flows made room");
        }
    }

    @Test
    void theOldestOfTheLowestStandingMakesRoom() {
        FlowTable<Flow> table = new FlowTable<>(() -> 4, new FullTableLog(() -> 4));
        Flow assured = with(table, Standing.ASSURED);
        Flow answered = with(table, Standing.ANSWERED);
        Flow older = with(table, Standing.NEW);
        Flow newer = with(table, Standing.NEW);
        table.used(older, Standing.NEW); // so that it is no longer the older one
        for (Flow next : List.of(newer, older, answered, assured)) {
            assertThat(next.end).isNull();
            with(table, Standing.ASSURED);
            assertThat(next.end).isEqualTo(FlowEnd.EVICTED);
        }
    }

    private static Flow with(FlowTable<Flow> table, Standing standing) {
        Flow flow = new Flow(table);
        table.add(flow, 0);
        table.used(flow, standing);
        return flow;
    }
}
