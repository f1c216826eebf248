package io.podlb.control.check;

/**
 * Whether an endpoint is taken for ready by what its tries have come to: not before enough of them in a row succeed, and
 * until enough in a row fail. Confined to one event loop.
 */
final class Standing {

    private final int rise;
    private final int fall;
    private boolean up;
    private int against; // tries in a row that speak against what it is taken for

    Standing(int rise, int fall) {
        this.rise = rise;
        this.fall = fall;
    }

    boolean isUp() {
        return up;
    }

    /** Takes the outcome of a try; true if it is taken for something else now. */
    boolean tried(boolean success) {
        if (success == up) {
            against = 0;
            return false;
        }
        against++;
        if (against < (up ? fall : rise)) {
            return false;
        }
        against = 0;
        up = success;
        return true;
    }
}
