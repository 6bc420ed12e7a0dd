/*
 * ab.h: one command on both libraries, and the difference.
 */
#ifndef WITH_OXLWS_AB_H
#define WITH_OXLWS_AB_H

/* What is done to the lines of the output before they are compared: expressions for sed -E. */
struct ab_masks {
	int count;
	const char *expressions[64];
};

/*
 * Runs `command` first on the genuine library, then with `environment` set on ours, with the same
 * standard input, and prints what differs. Returns 0: the same; 1: they differ; 125: could not.
 */
int ab_run(char **command, char *const environment[], const struct ab_masks *masks);

#endif
