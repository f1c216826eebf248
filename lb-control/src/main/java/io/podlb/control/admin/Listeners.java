package io.podlb.control.admin;

import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The listeners of the data plane, found by what they are for. Immutable. */
public final class Listeners {

    /** Of a process that never listens. */
    public static final Listeners NONE = new Listeners(List.of());

    private final Map<Key, ListenerView> views = new HashMap<>();

    public Listeners(List<ListenerView> views) {
        for (ListenerView view : views) {
            this.views.put(
                    new Key(view.port(), view.frontend().kind(), view.frontend().bind()), view);
        }
    }

    /** What became of a front end that was to be bound to that address; null if the data plane does not know it. */
    public @Nullable ListenerView find(ServicePortName port, FrontendKind kind, SocketAddressSpec bind) {
        return views.get(new Key(port, kind, bind));
    }

    private record Key(ServicePortName port, FrontendKind kind, SocketAddressSpec bind) {}
}
