package io.podlb.server.relay;

import io.podlb.server.backend.Backend;
import io.podlb.server.balance.PickReason;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules.AccessLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connection or UDP flow, as of one moment, for whoever looks at both alike. Immutable. The two
 * records say what each part means for them.
 */
public sealed interface RelayView permits ConnectionView, FlowView {

    long id();

    long ordinal();

    ServicePortName port();

    FrontendSpec frontend();

    SocketAddressSpec client();

    String policy();

    List<Backend> candidates();

    List<Attempt> tries();

    @Nullable
    SocketAddressSpec backend();

    @Nullable
    String pod();

    @Nullable
    PickReason pickReason();

    int attempts();

    List<String> faults();

    long bytesToBackend();

    long bytesToClient();

    AccessLog accessLog();

    long startNanos();

    long millis();

    /** How it ended, in the spelling of JSON, logs and metrics; null while it is open. */
    @Nullable
    String endLabel();

    /** Whether it has ended, and otherwise than the client may have wished. */
    boolean hasFailed();
}
