"""Those who answer: one file for each wire protocol, all behind `serve.seams.Provider`."""
