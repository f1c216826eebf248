package io.podlb.kit;

import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What a backend is called: by its Pod, and where no Pod is known by its address, as among the candidates. */
final class BackendName {

    /** Stands for the backend of a connection that was connected to none. */
    static final String NONE = "(none)";

    private BackendName() {}

    /** Null if it was connected to none. */
    static @Nullable String of(ConnectionRecord record) {
        if (record.pod() != null) {
            return record.pod();
        }
        return record.backend() == null ? null : of(record.backend());
    }

    static String orNone(ConnectionRecord record) {
        String name = of(record);
        return name == null ? NONE : name;
    }

    static String of(Attempt attempt) {
        return attempt.pod() == null ? of(attempt.address()) : attempt.pod();
    }

    /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}. */
    static String of(InetSocketAddress address) {
        return address.isUnresolved()
                ? address.getHostString() + ":" + address.getPort()
                : new SocketAddressSpec(address.getAddress(), address.getPort()).toString();
    }
}
