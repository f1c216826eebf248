package io.podlb.control;

/** Entry point of {@code lb.jar}. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(2);
    }
}
