package io.podlb.control.source;

/** Something that is not read, with the two halves of the line that a person gets. */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1;

    private final String remedy;

    RefusedException(String message, String remedy) {
        super(message, null, false, false);
        this.remedy = remedy;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    String remedy() {
        return remedy;
    }
}
