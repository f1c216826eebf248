package io.podlb.control;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Entry point of {@code lb.jar}. */
public final class Main {

    private Main() {}

    /** Runs one verb and ends the process with its status: 0 done, 1 it ran and failed, 2 words or manifests are wrong. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int status = CommandLines.create(System.getenv(), out, err).execute(args);
        out.flush();
        System.exit(status);
    }
}
