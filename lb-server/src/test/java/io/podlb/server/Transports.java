package io.podlb.server;

import io.podlb.server.transport.Transport;
import java.util.stream.Stream;

/** The transports of this machine, as arguments of parameterized tests. */
public final class Transports {

    private Transports() {}

    /** All of them where nothing may be missing ({@code -Dpodlb.test.strict=true}), else those that work here. */
    public static Stream<String> all() {
        boolean strict = Boolean.getBoolean("podlb.test.strict");
        return Transport.NAMES.stream().filter(name -> strict || works(name));
    }

    private static boolean works(String name) {
        try {
            Transport.choose(name);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
