package io.podlb.control;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Entry point of {@code lb.jar}. */
public final class Main {

    private static final Set<String> SERVING = Set.of("demo", "run", "node");

    private Main() {}

    /** Runs one verb and ends the process with its status: 0 done, 1 it ran and failed, 2 words or manifests are wrong. */
    public static void main(String[] args) {
        if (args.length > 0 && SERVING.contains(args[0])) {
            // A run takes over when it begins; whoever ends it before has got what he wanted.
            Signals unused = Signals.install(
                    () -> System.exit(0), () -> Runtime.getRuntime().halt(CommandFailure.FAILED));
        }
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int status = CommandLines.create(System.getenv(), out, err, args).execute(args);
        out.flush();
        System.exit(status);
    }
}
