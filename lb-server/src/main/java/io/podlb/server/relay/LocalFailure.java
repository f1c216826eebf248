package io.podlb.server.relay;

import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells failures of this machine from failures of a peer: no descriptor, no local port, no memory. They never count
 * against a backend.
 */
public final class LocalFailure {

    private LocalFailure() {}

    /** Whether the cause, or one below it, is a shortage of this machine. */
    public static boolean isOne(Throwable failure) {
        for (Throwable cause : causes(failure)) {
            // A connect that cannot get a local address or port: EADDRNOTAVAIL.
            if (cause instanceof BindException || mentions(cause, "cannot assign requested address")) {
                return true;
            }
        }
        return outOfDescriptors(failure);
    }

    /** Whether the process or the machine has no descriptor left: EMFILE, ENFILE. */
    public static boolean outOfDescriptors(Throwable failure) {
        for (Throwable cause : causes(failure)) {
            if (mentions(cause, "too many open files")) {
                return true;
            }
        }
        return false;
    }

    private static boolean mentions(Throwable cause, String text) {
        String message = cause.getMessage();
        return message != null && message.toLowerCase(Locale.ROOT).contains(text);
    }

    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> all = new ArrayList<>(3);
        for (@Nullable Throwable cause = failure; cause != null && all.size() < 8; cause = cause.getCause()) {
            all.add(cause);
        }
        return all;
    }
}
