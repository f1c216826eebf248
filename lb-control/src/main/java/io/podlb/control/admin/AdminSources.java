package io.podlb.control.admin;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.DrainReceipt;
import io.podlb.server.balance.Policies;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.FlowView;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the admin endpoint gets from what it shows. Everything is called by its event loop and must not block.
 *
 * @param version of podlb, for {@code podlb_build_info}
 * @param faults null: none are done here
 */
public record AdminSources(
        Supplier<ControlView> view,
        Supplier<List<ListenerView>> listeners,
        Supplier<CompletionStage<List<ConnectionView>>> connections,
        Supplier<CompletionStage<List<FlowView>>> flows,
        Supplier<List<DrainReceipt>> drains,
        MetricRegistry metrics,
        Policies policies,
        String version,
        @Nullable FaultControl faults) {}
